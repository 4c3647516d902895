import { createApp } from "vue";
import Link from "./Link.vue";

createApp(Link).mount("#app");
