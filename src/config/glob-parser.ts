/**
 * A glob as a language. The rules, with their oddities, are those of picomatch under its option `dot`:
 *
 * | in a glob | stands for |
 * |---|---|
 * | `*` | any characters but slashes; at the start of a segment not `.` or `..` |
 * | `**` as a whole segment | any number of segments, none of them `.` or `..` |
 * | `?` | one character, not a slash |
 * | `[a-z]`, `[^a-z]` | one of these characters; one that is neither of these nor a slash. POSIX's, too: `[[:digit:]]` |
 * | `{a,b}`, `(a|b)`, `@(a|b)` | one of the alternatives |
 * | `{1..9}` | one character from 1 to 9 |
 * | `?(a|b)`, `*(a|b)`, `+(a|b)` | at most one of the alternatives, any number of them, at least one |
 * | `+` behind a class or a group | more of the same |
 * | `!(a|b)` | what begins with none of the alternatives, within the segment; at the end of the glob, what is none of them |
 * | `\` | the next character as it is |
 *
 * A glob that ends with a star or a class also matches a path with a slash more.
 */
import type { Language, Languages } from "./languages.ts";

/** The language of a part of the glob and all behind it, from the language of what is behind it. */
type Part = (rest: Language) => Language;

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: "a-zA-Z0-9",
  alpha: "a-zA-Z",
  ascii: "\\x00-\\x7F",
  blank: " \\t",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "\\x21-\\x7E",
  lower: "a-z",
  print: "\\x20-\\x7E",
  punct: "\\-!\"#$%&'()\\*+,./:;<=>?@[\\]^_`{|}~",
  space: " \\t\\r\\n\\v\\f",
  upper: "A-Z",
  word: "A-Za-z0-9_",
  xdigit: "A-Fa-f0-9",
};

const SLASH_GLOBSTAR = /(?:\/\*\*)+(?=[/,|)}{]|@\(|$)/y;
const GLOBSTAR = /\*\*(?:\/\*\*)*(?=[/,|)}{]|@\(|$)/y;
const STARS = /\*+(?!\()/y;
const CLASS = /\[(\^?\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]/sy;
const RANGE = /\{([^{},/\\]*\.\.[^{},/\\]*)\}/y;
const GROUP = /([@?*+!]?)\((?!\?)/y;
const SLASH = 47;
const OPTIONAL = /\?(?!\()/y;
const ESCAPE = /\\(.)/sy;
/** Brackets without one of these may also be meant as they stand. */
const SURELY_A_CLASS = /[-*+?.^${}(|)[\]]/;
const ENDS_ALTERNATIVE: Readonly<Record<string, string>> = { "": "|", ")": "|)", "}": ",|}" };

export class GlobParser {
  readonly #make: Languages;
  readonly #glob: string;
  #at = 0;
  /** What closes the groups that are open, the innermost last. */
  readonly #closers: string[] = [""];
  /** Whether what was read last is a star or a class. */
  #isOpenEnd = false;
  readonly #slash: Language;
  readonly #dot: Language;
  readonly #anything: Language;
  readonly #inSegment: Language;
  /** Whole segments, each with a slash behind it. */
  readonly #segments: Language;
  readonly #globstar: Language;

  constructor(make: Languages, glob: string) {
    const { empty } = make;
    this.#make = make;
    this.#glob = glob;
    const [slash, dot, notSlash] = [this.#one("\\/"), this.#one("\\."), this.#one("[^/]")];
    const inSegment = make.repeated(notSlash);
    const noDots = make.either([
      empty,
      make.sequence(this.#one("[^./]"), inSegment),
      make.sequence(dot, this.#one("[^./]"), inSegment),
      make.sequence(dot, dot, notSlash, inSegment),
    ]);
    this.#slash = slash;
    this.#dot = dot;
    this.#inSegment = inSegment;
    this.#anything = make.repeated(this.#one("[^]"));
    this.#segments = make.repeated(make.sequence(noDots, slash));
    this.#globstar = make.sequence(this.#segments, noDots);
  }

  /** @throws SyntaxError what is wrong with the glob */
  parse(): Language {
    const { empty } = this.#make;
    const whole = oneOf(this.#make, this.#alternatives());
    if (this.#at < this.#glob.length) throw new SyntaxError('Missing opening: "("');
    return whole(this.#isOpenEnd ? this.#make.either([empty, this.#slash]) : empty);
  }

  #alternatives(): Part[] {
    const ends = ENDS_ALTERNATIVE[this.#closers.at(-1) ?? ""] as string;
    const alternatives: Part[] = [];
    for (;;) {
      const parts: Part[] = [];
      while (this.#at < this.#glob.length && !ends.includes(this.#next) && this.#next !== ")")
        parts.push(this.#quantified());
      alternatives.push((rest) => parts.reduceRight((behind, part) => part(behind), rest));
      if (this.#at >= this.#glob.length || !ends.includes(this.#next) || this.#next === this.#closers.at(-1))
        return alternatives;
      this.#at++;
    }
  }

  #quantified(): Part {
    const start = this.#at;
    const part = this.#part();
    const isClassOrGroup = this.#at - start > 1 && "])}".includes(this.#glob[this.#at - 1] as string);
    if (this.#next !== "+" || this.#glob[this.#at + 1] === "(" || !(isClassOrGroup || this.#closers.includes(")")))
      return part;
    this.#at++;
    this.#isOpenEnd = false;
    return (rest) => part(this.#more(part, rest));
  }

  #part(): Part {
    const previous = this.#glob[this.#at - 1];
    const isStart = previous === undefined;
    const isGroupStart = previous !== undefined && "{,(|".includes(previous) && this.#closers.length > 1;
    if (this.#take(SLASH_GLOBSTAR)) return this.#slashGlobstar(previous);
    if ((isStart || isGroupStart) && this.#take(GLOBSTAR)) return this.#leadingGlobstar(isStart);
    const before = this.#glob.slice(0, this.#at);
    const stars = this.#take(STARS);
    if (stars) return this.#stars(stars[0].length === 1, before);
    const group = this.#take(GROUP);
    if (group) return this.#group(group[1] as string);
    if (this.#next === "[") return this.#class();
    const range = this.#take(RANGE);
    if (range) return this.#range(range[1] as string);
    if (this.#next === "{") return this.#braces();
    if (this.#next === "]") throw new SyntaxError('Missing opening: "["');
    this.#isOpenEnd = false;
    const escaped = this.#take(ESCAPE);
    if (escaped)
      return this.#behind(this.#one(/\w/.test(escaped[1] as string) ? escaped[0] : literal(escaped[1] as string)));
    const character = this.#next;
    this.#at++;
    return this.#behind(this.#one(character === "?" ? "[^/]" : literal(character)));
  }

  /**
   * Takes no segment, too, except at the start of the glob, and behind another star at its end. The slash behind it is not needed at
   * the end of a path.
   */
  #slashGlobstar(previous: string | undefined): Part {
    const make = this.#make;
    const isBehindStar = this.#isOpenEnd && previous === "*";
    this.#isOpenEnd = false;
    const segments: Part = (rest) => make.sequence(this.#slash, this.#globstar, rest);
    const isEnd = this.#at === this.#glob.length;
    if (!isEnd && !"/,|)}".includes(this.#next)) {
      const lastSegment = this.#stars(false, "/");
      return (rest) => make.sequence(this.#slash, this.#segments, lastSegment(rest));
    }
    if (previous === undefined || (isEnd && isBehindStar) || (!isEnd && this.#next !== "/")) return segments;
    const hasMore = !isEnd && this.#at + 1 < this.#glob.length;
    return (rest) => {
      const noSlash = hasMore && make.after(rest, SLASH).hasEmpty ? make.empty : make.none;
      return make.either([segments(rest), rest, noSlash]);
    };
  }

  /** Whatever is before the first slash of the rest, the slash itself included, or nothing. */
  #leadingGlobstar(isStart: boolean): Part {
    const make = this.#make;
    this.#isOpenEnd = false;
    if (!isStart || this.#next !== "/") return this.#behind(this.#globstar);
    this.#at++;
    return (rest) => {
      const behindSlash = make.sequence(this.#slash, rest);
      return make.either([rest, behindSlash, make.sequence(this.#globstar, behindSlash)]);
    };
  }

  /** At the start of a segment, or behind its dot, the whole segment may not be `.` or `..`. @param before the glob so far */
  #stars(isSingle: boolean, before: string): Part {
    const make = this.#make;
    this.#isOpenEnd = true;
    const isBehindDot = (this.#closers.length > 1 ? /\.$/ : /(?:^|\/)\\?\.$/).test(before);
    if (!isBehindDot && !/(?:^|\/)$/.test(before)) return this.#behind(this.#inSegment);
    const oneDotMore = make.either([make.empty, this.#dot]);
    const dots = isBehindDot ? oneDotMore : make.sequence(this.#dot, oneDotMore);
    const dotSegment = make.sequence(dots, make.either([make.empty, make.sequence(this.#slash, this.#anything)]));
    const excluded = isSingle ? make.either([make.empty, dotSegment]) : dotSegment;
    return (rest) => make.without(make.sequence(this.#inSegment, rest), excluded);
  }

  #group(kind: string): Part {
    const make = this.#make;
    const alternatives = oneOf(make, this.#closed(")"));
    const isOptional = this.#take(OPTIONAL) !== undefined;
    if (kind === "!")
      return (rest) => {
        const excluded = alternatives(rest === make.empty ? rest : this.#anything);
        return make.without(make.sequence(this.#inSegment, rest), excluded);
      };
    if (kind === "*") return (rest) => this.#more(alternatives, rest);
    if (kind === "+") return (rest) => alternatives(this.#more(alternatives, rest));
    if (kind !== "?" && !isOptional) return alternatives;
    return (rest) => make.either([alternatives(rest), rest]);
  }

  /** Braces without alternatives are text. */
  #braces(): Part {
    this.#at++;
    const alternatives = this.#closed("}");
    const inside = oneOf(this.#make, alternatives);
    if (alternatives.length > 1) return inside;
    const [open, close] = [this.#one("\\{"), this.#one("\\}")];
    return (rest) => this.#make.sequence(open, inside(this.#make.sequence(close, rest)));
  }

  #closed(closer: string): Part[] {
    this.#closers.push(closer);
    const alternatives = this.#alternatives();
    if (this.#next !== closer) throw new SyntaxError(`Missing closing: "${closer}"`);
    this.#closers.pop();
    this.#at++;
    this.#isOpenEnd = false;
    return alternatives;
  }

  #class(): Part {
    const [, content] = this.#take(CLASS) ?? [];
    if (content === undefined) throw new SyntaxError('Missing closing: "]"');
    this.#isOpenEnd = true;
    const inside = content
      .replace(/^(\^?)\]/, "$1\\]")
      .replace(/\[:([a-z]+):\]|\[/g, (text, name) => POSIX_CLASSES[name] ?? text.replaceAll("[", "\\["));
    const isNegated = content.startsWith("^") && !content.includes("/");
    const one = this.#one(`[${inside}${isNegated ? "/" : ""}]`);
    if (SURELY_A_CLASS.test(content)) return this.#behind(one);
    const asText = `[${content}]`.split("").map((character) => this.#one(literal(character)));
    return this.#behind(this.#make.either([one, this.#make.sequence(...(asText as [Language]))]));
  }

  #range(text: string): Part {
    this.#isOpenEnd = false;
    const bounds = text.split("..").sort();
    try {
      return this.#behind(this.#one(`[${bounds.join("-")}]`));
    } catch {
      const characters = bounds
        .join("..")
        .split("")
        .map((character) => this.#one(literal(character)));
      return this.#behind(this.#make.sequence(...(characters as [Language])));
    }
  }

  #more(part: Part, rest: Language): Language {
    return this.#make.sequence(this.#make.repeated(part(this.#make.empty)), rest);
  }

  #behind(language: Language): Part {
    return (rest) => this.#make.sequence(language, rest);
  }

  /** @param source of an expression for one character. @throws SyntaxError where it is none */
  #one(source: string): Language {
    const expression = new RegExp(`^${source}$`);
    return this.#make.character(source, (code) => expression.test(String.fromCharCode(code)));
  }

  get #next(): string {
    return this.#glob.charAt(this.#at);
  }

  /** Reads what stands here, if it is there. */
  #take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#glob);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }
}

function oneOf(make: Languages, alternatives: readonly Part[]): Part {
  return (rest) => make.either(alternatives.map((alternative) => alternative(rest)));
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}
