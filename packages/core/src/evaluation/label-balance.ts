/** How evenly classes are filled. */

export interface LabelBalance {
  /** Classes that at least one example bears. */
  readonly classes: number;
  readonly rarest: { readonly label: string; readonly count: number };
  readonly commonest: { readonly label: string; readonly count: number };
  /** Count of the middle class: half of the classes have no more. */
  readonly median: number;
  /** Commonest over rarest. */
  readonly ratio: number;
  /** Entropy of the shares over that of equal ones (Pielou's evenness): 1 where all classes are as frequent, 0 for one class. */
  readonly evenness: number;
}

/** Of the counts of labels; undefined where nothing bears a label. */
export function balanceOf(counts: Readonly<Record<string, number>>): LabelBalance | undefined {
  const sorted = Object.entries(counts)
    .map(([label, count]) => ({ label, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.count - b.count || (a.label < b.label ? -1 : 1));
  const [rarest, commonest] = [sorted[0], sorted.at(-1)];
  if (rarest === undefined || commonest === undefined) return undefined;
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  const entropy = sorted.reduce((sum, { count }) => sum - (count / total) * Math.log(count / total), 0);
  return {
    classes: sorted.length,
    rarest,
    commonest,
    median: sorted[(sorted.length - 1) >> 1]?.count ?? 0,
    ratio: commonest.count / rarest.count,
    evenness: sorted.length === 1 ? 0 : entropy / Math.log(sorted.length),
  };
}
