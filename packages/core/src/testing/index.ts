/** What the specs of verticals share. Needs Jest; nothing else imports it. */
export { describeVertical } from './describe-vertical.js';
export { describeRewordings, type RewordingCase } from './describe-rewordings.js';
export { describeTextRules, type TextRuleCase } from './describe-text-rules.js';
