/** Sends what a person corrects, with a way back. */
import type { Client, Correction } from './api.js';
import { notify, notifyError } from './toasts.js';

/**
 * Keeps a correction and says so. `undo` puts the screen back: it is called where the correction could not be kept, and where the person takes it
 * back.
 */
export async function keepCorrection(client: Client, correction: Correction, undo: () => void): Promise<void> {
  try {
    const { id } = await client.correct(correction);
    notify('Correction kept for the next training.', {
      action: {
        label: 'Undo',
        run: () => {
          undo();
          client.withdraw(id).catch(notifyError);
        },
      },
    });
  } catch (error) {
    undo();
    notifyError(error);
  }
}
