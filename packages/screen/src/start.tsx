/** Puts an app's screen on its page, and asks the server for its model. */
import { render, type ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Client, ModelInfo } from './api.js';
import { notifyError } from './toasts.js';

/** Renders `Screen` into the element `#screen` of the page. */
export function startScreen(Screen: ComponentType): void {
  const root = document.getElementById('screen');
  if (!root) throw new Error('The page has no element #screen');
  render(<Screen />, root);
}

/** What the loaded model can do; undefined until the server has answered. */
export function useModel(client: Client): ModelInfo | undefined {
  const [model, setModel] = useState<ModelInfo>();
  useEffect(() => {
    client.model().then(setModel, notifyError);
  }, [client]);
  return model;
}
