import type { Locale } from "./model.js";

declare const locale: Locale;
export default locale;
