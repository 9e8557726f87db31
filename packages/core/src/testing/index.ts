/** What the specs of verticals share. Needs Jest; nothing else imports it. */
export { describeVertical } from './describe-vertical.js';
