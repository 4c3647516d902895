import Pairing from "./pairing.js";

export default function Page() {
  return (
    <main>
      <h1>Link your number</h1>
      <Pairing endpoint={process.env.NEXT_PUBLIC_ENDPOINT ?? "/api/whatsapp"} />
    </main>
  );
}
