/** What `nx g @fieldcraft/nx:<name>` runs. */
export { task } from './task.js';
export { vertical } from './vertical.js';
