import type { ComponentChildren, JSX } from 'preact';
import { Scroll } from './scroll.tsx';

interface NumbersProps {
  /** Of what they are, for whoever cannot see the picture above. */
  readonly label: string;
  /** What the first column holds; left out, its head is empty. */
  readonly corner?: string;
  readonly columns: readonly string[];
  /** A name, and a cell for each column. */
  readonly rows: readonly { readonly name: ComponentChildren; readonly cells: readonly ComponentChildren[] }[];
  /** Figures, to be set below each other. */
  readonly figures?: boolean;
}

/** The numbers behind a picture, closed until somebody asks for them; on paper they are open. */
export const Numbers = ({ label, corner, columns, rows, figures = false }: NumbersProps): JSX.Element => (
  <details class="numbers">
    <summary>The numbers</summary>
    <Scroll label={label}>
      <table class="plain">
        <thead>
          <tr>
            {corner === undefined ? <td /> : <th scope="col">{corner}</th>}
            {columns.map((column, at) => (
              <th scope="col" key={at} class={figures ? 'number' : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, cells }, at) => (
            <tr key={at}>
              <th scope="row">{name}</th>
              {cells.map((cell, column) => (
                <td key={column} class={figures ? 'number' : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  </details>
);
