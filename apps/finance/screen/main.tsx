/** The screen of the finance app. */
import '@fieldcraft/screen/screen.css';
import './finance.css';
import { startScreen } from '@fieldcraft/screen';
import { NewsDesk } from './news-desk.js';

startScreen(NewsDesk);
