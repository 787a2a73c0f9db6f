/** What is said once the label budget is spent. */

export function tooManyPaths(maxLabelSets: number): string {
  return (
    `RED_MAX_LABEL_SETS=${maxLabelSets} is reached: further paths are shown as path="other". ` +
    "If they are real routes raise it, if they carry identifiers give their pattern in RED_PATH_PATTERNS"
  );
}

export function tooManyHosts(maxLabelSets: number): string {
  return `RED_MAX_LABEL_SETS=${maxLabelSets} is reached: outgoing requests to further hosts are shown as host="other"`;
}
