const LETTERS = "ghijklmnopqrstuvwxyz";

/** A different word for each number, of letters that no identifier is made of: nobody replaces it by `:id`. */
export function word(number: number): string {
  let text = "";
  for (let rest = number, length = 0; length < 5; length++) {
    text = (LETTERS[rest % LETTERS.length] as string) + text;
    rest = Math.floor(rest / LETTERS.length);
  }
  return text;
}

/** `count` different paths below the prefix. */
export function* distinctPaths(prefix: string, count: number): Generator<string> {
  for (let number = 0; number < count; number++) yield prefix + word(number);
}
