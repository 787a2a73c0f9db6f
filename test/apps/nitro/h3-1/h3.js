// What differs between the versions of h3.
import { createError, defineEventHandler, getHeader } from "h3";

export { defineEventHandler as define, getHeader as header };
export const failed = (statusCode) => createError({ statusCode });
