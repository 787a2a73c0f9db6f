// What differs between the versions of h3.
import { defineHandler, HTTPError } from "nitro/h3";

export { defineHandler as define };
export const header = (event, name) => event.req.headers.get(name);
export const failed = (status) => new HTTPError({ status });
