/**
 * The labels of a list of series as text, put together once: a scrape then only adds the numbers.
 *
 * They are kept with the list. A weak map with an entry for each series costs the garbage collector more than the texts do.
 */
import type { Labelled } from "../../view/families.ts";
import { renderLabels } from "./labels.ts";

export class LabelTexts {
  static readonly #known = new WeakMap<readonly Labelled[], LabelTexts>();

  /** @param list only grows, as long as it is the same object */
  static of(list: readonly Labelled[]): LabelTexts {
    const texts = LabelTexts.#known.get(list) ?? new LabelTexts(list);
    LabelTexts.#known.set(list, texts);
    return texts;
  }

  readonly #list: readonly Labelled[];
  readonly #texts: (string | undefined)[] = [];

  private constructor(list: readonly Labelled[]) {
    this.#list = list;
  }

  at(index: number): string {
    let text = this.#texts[index];
    if (text === undefined) {
      text = renderLabels((this.#list[index] as Labelled).attributes);
      this.#texts[index] = text;
    }
    return text;
  }
}
