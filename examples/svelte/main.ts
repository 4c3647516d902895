import { mount } from "svelte";
import Link from "./Link.svelte";

mount(Link, { target: document.querySelector("#app")! });
