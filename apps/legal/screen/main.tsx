/** The screen of the legal app. */
import '@fieldcraft/screen/screen.css';
import './legal.css';
import { startScreen } from '@fieldcraft/screen';
import { Review } from './review.js';

startScreen(Review);
