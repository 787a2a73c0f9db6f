/**
 * Regular languages, and whether they have a text, in time linear to its length.
 *
 * The derivative of a language by a character is the language of what may follow that character. Each is made once and
 * remembered, so that most characters cost one look-up. https://doi.org/10.1145/321239.321249
 */

export interface Language {
  readonly id: number;
  /** Whether the empty text is one of its texts. */
  readonly hasEmpty: boolean;
  /** Of an alternation; else the language itself. */
  readonly alternatives: readonly Language[];
  /** The languages of what may follow, by character code, as far as they are known. */
  readonly derivatives: Language[];
  readonly derive: (code: number) => Language;
}

const MOST_REMEMBERED_CODE = 255;

/** Makes languages. Those of one maker are equal only if they are the same object. */
export class Languages {
  readonly #known = new Map<string, Language>();
  /** No text at all. */
  readonly none: Language = this.#language("none", false, () => this.none);
  /** The empty text. */
  readonly empty: Language = this.#language("empty", true, () => this.none);

  /** How many have been made. */
  get size(): number {
    return this.#known.size;
  }

  /** One character. @param name tells it from the others */
  character(name: string, isOne: (code: number) => boolean): Language {
    return this.#language(`character ${name}`, false, (code) => (isOne(code) ? this.empty : this.none));
  }

  /** A text of each, one after the other. */
  sequence(first: Language, ...rest: readonly Language[]): Language {
    const [second, ...others] = rest;
    return second === undefined ? first : this.#pair(first, this.sequence(second, ...others));
  }

  #pair(first: Language, then: Language): Language {
    if (first === this.none || then === this.none) return this.none;
    if (first === this.empty) return then;
    if (then === this.empty) return first;
    // apart, so that alternatives which have come to the same end are one
    if (first.alternatives.length > 1) return this.either(first.alternatives.map((each) => this.#pair(each, then)));
    return this.#language(`${first.id} then ${then.id}`, first.hasEmpty && then.hasEmpty, (code) => {
      const inFirst = this.#pair(this.after(first, code), then);
      return first.hasEmpty ? this.either([inFirst, this.after(then, code)]) : inFirst;
    });
  }

  either(languages: readonly Language[]): Language {
    const distinct = new Set(languages.flatMap(({ alternatives }) => alternatives));
    distinct.delete(this.none);
    const alternatives = [...distinct].sort((one, other) => one.id - other.id);
    const [only = this.none] = alternatives;
    if (alternatives.length < 2) return only;
    const hasEmpty = alternatives.some((each) => each.hasEmpty);
    const derive = (code: number) => this.either(alternatives.map((each) => this.after(each, code)));
    return this.#language(`either ${alternatives.map(({ id }) => id)}`, hasEmpty, derive, alternatives);
  }

  /** As many of its texts as there are, one after the other; none, too. */
  repeated(language: Language): Language {
    if (language === this.none || language === this.empty) return this.empty;
    const repeated: Language = this.#language(`repeated ${language.id}`, true, (code) =>
      this.#pair(this.after(language, code), repeated),
    );
    return repeated;
  }

  without(language: Language, excluded: Language): Language {
    if (language === this.none || excluded === this.none) return language;
    const hasEmpty = language.hasEmpty && !excluded.hasEmpty;
    return this.#language(`${language.id} without ${excluded.id}`, hasEmpty, (code) =>
      this.without(this.after(language, code), this.after(excluded, code)),
    );
  }

  /** What may follow the character. */
  after(language: Language, code: number): Language {
    const known = language.derivatives[code];
    if (known !== undefined) return known;
    const derivative = language.derive(code);
    // paths come as Latin-1: there are no other characters, unless somebody wants much to be remembered
    if (code <= MOST_REMEMBERED_CODE) language.derivatives[code] = derivative;
    return derivative;
  }

  #language(
    key: string,
    hasEmpty: boolean,
    derive: (code: number) => Language,
    alternatives?: readonly Language[],
  ): Language {
    let language = this.#known.get(key);
    if (language === undefined) {
      const made = { id: this.#known.size, hasEmpty, derivatives: [], derive, alternatives: alternatives ?? [] };
      if (alternatives === undefined) made.alternatives = [made];
      language = made;
      this.#known.set(key, language);
    }
    return language;
  }
}
