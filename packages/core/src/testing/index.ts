/** What the specs of verticals and apps share. Needs Jest; nothing else imports it. */
export { describeVertical } from './describe-vertical.js';
export { describeRewordings, type RewordingCase } from './describe-rewordings.js';
export { describeTextRules, type TextRuleCase } from './describe-text-rules.js';
export { accessibilityFaults, describeInBrowser, widthBeyond } from './browser.js';
export { memorise, type MemorisedTask } from './memorise.js';
