/**
 * The globs of RED_EXCLUDE_PATHS, matched in time linear to the path. A file of its own: the default list, of names alone, is
 * looked up without it.
 */
import { GlobParser } from "./glob-parser.ts";
import { type Language, Languages } from "./languages.ts";

/** The paths of a service need a few hundred. Past this many, which a client has looked for, all are made anew. */
const MOST_DERIVATIVES = 2000;

/** @throws SyntaxError what is wrong with the glob */
export function checkGlob(glob: string): void {
  new GlobParser(new Languages(), glob).parse();
}

export class Globs {
  readonly #globs: readonly string[];
  #languages = new Languages();
  #start: Language;
  readonly #mostLanguages: number;

  /** @throws as `checkGlob` */
  constructor(globs: readonly string[]) {
    this.#globs = globs;
    this.#start = this.#parse();
    this.#mostLanguages = this.#languages.size + MOST_DERIVATIVES;
  }

  /** Languages that are remembered. */
  get size(): number {
    return this.#languages.size;
  }

  /** Hot path (per request). Whether one of the globs matches the path. */
  match(path: string): boolean {
    const languages = this.#languages;
    let language = this.#start;
    for (let i = 0; i < path.length && language !== languages.none; i++)
      language = languages.after(language, path.charCodeAt(i));
    if (languages.size > this.#mostLanguages) {
      this.#languages = new Languages();
      this.#start = this.#parse();
    }
    return language.hasEmpty;
  }

  #parse(): Language {
    return this.#languages.either(this.#globs.map((glob) => new GlobParser(this.#languages, glob).parse()));
  }
}
