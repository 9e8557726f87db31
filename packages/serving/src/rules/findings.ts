/** What rules find in a text: marked as found by a rule, never by a model. */

/** UTF-16 indices, `end` exclusive. */
interface Found {
  readonly source: 'rule';
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, as exact as the text is. */
export interface DateValue {
  readonly from: string;
  /** Of ranges: the last day, month or year. */
  readonly to?: string;
  /** Set where day and month may be meant the other way round, as in 03/04/2024: here the month comes first. */
  readonly ambiguous?: true;
  /** Set where the text names no year, or counts from now: the year is that of the reference date. */
  readonly relative?: true;
}

export interface PeriodValue {
  readonly amount: number;
  readonly unit: 'minute' | 'hour' | 'day' | 'business day' | 'week' | 'month' | 'quarter' | 'year';
  /** ISO 8601, such as P30D; absent of business days, which no calendar counts. */
  readonly iso?: string;
}

export interface MoneyValue {
  readonly amount: number;
  /** ISO 4217. A bare dollar sign is taken for USD, a pound sign for GBP, a yen sign for JPY. */
  readonly currency: string;
}

export interface PercentageValue {
  readonly percent: number;
}

export interface ReferenceValue {
  /** In lower case and the singular: section, article, exhibit, ... */
  readonly of: string;
  /** `2.3(a)`, `IV`, `B`. */
  readonly target: string;
  /** Set where another work is meant: "Section 5 of the Securities Act". */
  readonly external?: true;
}

export type RuleFinding =
  | (Found & { readonly kind: 'date' | 'date-range'; readonly value: DateValue })
  | (Found & { readonly kind: 'period'; readonly value: PeriodValue })
  | (Found & { readonly kind: 'money'; readonly value: MoneyValue })
  | (Found & { readonly kind: 'percentage'; readonly value: PercentageValue })
  | (Found & { readonly kind: 'reference'; readonly value: ReferenceValue });

/** A finding before its text is cut out. */
type Bare<F> = F extends RuleFinding ? Omit<F, 'source' | 'text'> : never;
export type BareFinding = Bare<RuleFinding>;
