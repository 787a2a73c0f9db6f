/** The globs of RED_EXCLUDE_PATHS, in a file of its own: the default list, of names alone, is looked up without it. */
export { default as picomatch } from "picomatch";
