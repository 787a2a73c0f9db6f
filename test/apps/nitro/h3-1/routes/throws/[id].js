import { define, failed } from "../../h3.js";

export default define(() => {
  throw failed(503);
});
