/** The screen of the scientific app. */
import '@fieldcraft/screen/screen.css';
import './scientific.css';
import { startScreen } from '@fieldcraft/screen';
import { PaperDesk } from './paper-desk.js';

startScreen(PaperDesk);
