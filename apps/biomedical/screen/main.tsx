/** The screen of the biomedical app. */
import '@fieldcraft/screen/screen.css';
import './biomedical.css';
import { startScreen } from '@fieldcraft/screen';
import { NoteReview } from './note-review.js';

startScreen(NoteReview);
