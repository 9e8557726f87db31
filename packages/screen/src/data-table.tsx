/** A table that sorts by its columns, and leaves as CSV, JSON, Markdown or Word. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Client } from './api.js';
import { saveTable, tableFormats, type Cell, type TableData, type TableFormat } from './table-files.js';
import { notifyError } from './toasts.js';

export interface Column<R> {
  readonly name: string;
  /** What sorting and files see. */
  readonly value: (row: R) => Cell;
  /** What is shown, if it is not the value. */
  readonly show?: (row: R) => ComponentChildren;
  readonly numeric?: boolean;
  /** Holds sentences: where there is no room for them the table scrolls, instead of one word a line. */
  readonly wide?: boolean;
}

interface DataTableProps<R> {
  caption: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  keyOf: (row: R) => string;
  /** Chosen by a click on the row or by the button in its first cell. */
  onSelect?: (row: R) => void;
  selected?: string | undefined;
  /** Name of exported files, without its extension, and who makes them; without both there are no export buttons. */
  fileName?: string;
  client?: Client;
  empty?: string;
}

export function DataTable<R>(props: DataTableProps<R>) {
  const { caption, columns, rows, keyOf, onSelect, selected, fileName, client, empty = 'Nothing found.' } = props;
  const [order, setOrder] = useState<{ column: string; down: boolean }>();
  const sorted = sortRows(rows, columns, order);
  const turn = (column: string) => setOrder({ column, down: order?.column === column ? !order.down : false });

  return (
    <div class="table">
      {fileName !== undefined && client && rows.length > 0 && (
        <TableExports
          {...{ client, fileName }}
          table={() => ({
            title: caption,
            columns: columns.map(({ name }) => name),
            rows: sorted.map((row) => columns.map(({ value }) => value(row))),
          })}
        />
      )}
      {rows.length === 0 ? (
        <p class="quiet">{empty}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
          <table>
            <caption class="hidden">{caption}</caption>
            <thead>
              <tr>
                {columns.map(({ name, numeric }) => (
                  <th
                    key={name}
                    scope="col"
                    class={numeric === true ? 'number' : undefined}
                    aria-sort={order?.column === name ? (order.down ? 'descending' : 'ascending') : undefined}
                  >
                    <button type="button" onClick={() => turn(name)}>
                      {name}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sorted.map((row) => (
                <tr key={keyOf(row)} class={keyOf(row) === selected ? 'selected' : undefined}>
                  {columns.map(({ name, value, show, numeric, wide }, i) => {
                    const content = show ? show(row) : value(row);
                    return (
                      <td key={name} class={numeric === true ? 'number' : wide === true ? 'wide' : undefined}>
                        {i === 0 && onSelect ? (
                          <button type="button" class="link" onClick={() => onSelect(row)}>
                            {content}
                          </button>
                        ) : (
                          content
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

interface TableExportsProps {
  client: Client;
  fileName: string;
  table: () => TableData;
}

/** The buttons alone, for a screen that shows its findings otherwise than in a table. */
export function TableExports({ client, fileName, table }: TableExportsProps) {
  const save = (format: TableFormat) => saveTable(client, fileName, table(), format).catch(notifyError);
  return (
    <div class="exports" role="group" aria-label="Export">
      {Object.entries(tableFormats).map(([format, title]) => (
        <button key={format} type="button" class="quiet-button" onClick={() => void save(format as TableFormat)}>
          {title}
        </button>
      ))}
    </div>
  );
}

/** In the order given without `order`; cells without a value come last either way. */
export function sortRows<R>(
  rows: readonly R[],
  columns: readonly Pick<Column<R>, 'name' | 'value'>[],
  order: { column: string; down: boolean } | undefined,
): readonly R[] {
  const column = columns.find(({ name }) => name === order?.column);
  if (!column || !order) return rows;
  const sign = order.down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x === undefined || x === null || y === undefined || y === null) {
      return Number(x === undefined || x === null) - Number(y === undefined || y === null);
    }
    const difference =
      typeof x === 'number' && typeof y === 'number'
        ? x - y
        : String(x).localeCompare(String(y), 'en', { numeric: true });
    return sign * difference;
  });
}
