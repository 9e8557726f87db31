/** Reviews a contract or terms of service. */
import { createClient, DocumentInput, Layout, notifyError, useModel, type ReadDocument } from '@fieldcraft/screen';
import { useState } from 'preact/hooks';

const client = createClient();

export function Review() {
  const model = useModel(client);
  const [text, setText] = useState('');
  const [document, setDocument] = useState<ReadDocument>();
  const open = (source: File | string) => void client.document(source).then(setDocument, notifyError);
  return (
    <Layout field="Legal" title="Contract review" model={model}>
      <DocumentInput
        label="A contract or terms of service"
        action="Review"
        value={text}
        onInput={setText}
        onSubmit={open}
        accept={['.txt', '.md', '.pdf', '.docx']}
      />
      {document && <p>{document.name}</p>}
    </Layout>
  );
}
