import type { Locale } from "./index.js";

declare const locale: Locale;
export default locale;
