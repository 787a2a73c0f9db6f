import { define, header } from "../h3.js";

export default define((event) => {
  if (header(event, "x-stop")) return new Response("no", { status: 401 });
});
