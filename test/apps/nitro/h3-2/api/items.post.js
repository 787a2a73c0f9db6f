import { define } from "../h3.js";

export default define(() => new Response("invalid", { status: 422 }));
