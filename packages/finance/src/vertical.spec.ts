/** The finance vertical keeps the contract of every vertical. */
import { describeVertical } from '@fieldcraft/core/testing';
import vertical from './vertical.js';

describeVertical(vertical, new URL('..', import.meta.url));
