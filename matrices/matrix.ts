import { dirname, resolve } from 'node:path';
import type { Axis } from './axis.ts';
import type { Catalogue } from './catalogue.ts';
import type { AxisValue } from './config.ts';
import { parseDocument, type Problem } from './describe-problems.ts';
import { allValues, anyNumber, matrixSchema, type ListedValues, type MatrixFile } from './matrix-schema.ts';
import type { PinSpec } from './pin-schema.ts';
import { readDocument } from './read-document.ts';
import type { YamlDocument } from './read-yaml.ts';
import { isRepositoryUrl } from './repository-url.ts';

/** A pin of a matrix, and where it is written. */
export interface MatrixPin extends PinSpec {
  /** `file:line:column`, for messages. */
  readonly place: string;
}

/** A matrix file: what to run. */
export interface Matrix {
  readonly name: string;
  /** Day after which nothing enters any environment, or `release`; a pin may say otherwise. */
  readonly asOf?: string;
  /** Paths of interpreters and repositories are absolute. */
  readonly pins: readonly MatrixPin[];
  /** Values of the axes that the file lists, as it lists them; `all` is written out. */
  readonly axes: Readonly<Record<string, readonly AxisValue[]>>;
  /** Parts of the axes that are covered before the whole, in this order: values of some of the axes. */
  readonly stages?: readonly Matrix['axes'][];
  /** Of the covering array. */
  readonly strength: 1 | 2 | 3;
  readonly seed: number;
  readonly budget: { readonly cells: number; readonly random?: number; readonly minutes: number };
}

/** What a matrix file may name. */
type Listed = Pick<Catalogue, 'axes' | 'adapters'>;

/**
 * Reads a matrix file.
 *
 * @throws InputError that lists every problem with file, line, column, what is allowed and the nearest spelling.
 */
export const loadMatrix = async (path: string, catalogue: Listed): Promise<Matrix> =>
  parseMatrix(await readDocument(path), catalogue, dirname(resolve(path)));

/** The same from a document; `folder` is where relative paths begin. */
export const parseMatrix = (document: YamlDocument, catalogue: Listed, folder: string): Matrix => {
  const file = parseDocument(matrixSchema(catalogue.axes), document, (read) => checkMatrix(read, catalogue));
  const { version: _, options: __, axes: ___, stages, ...matrix } = file;
  return {
    ...matrix,
    axes: chosenValues(file, catalogue),
    ...(stages === undefined ? {} : { stages: stages.map((stage) => written(stage, catalogue.axes)) }),
    pins: matrix.pins.map((pin, index) => {
      const { line, column } = document.positions.value(['pins', index]);
      const place = `${document.file}:${line}:${column}`;
      return placePin(pin, place, folder);
    }),
  };
};

/**
 * The axes restricted to what a matrix lists, values in the order of the catalogue; an axis that it does not list has its
 * default alone. A range of numbers stays where the list has `any`.
 */
export const matrixAxes = (axes: readonly Axis[], matrix: Pick<Matrix, 'axes'>): readonly Axis[] =>
  axes.map((axis) => {
    const chosen = matrix.axes[axis.name] ?? axis.values.slice(0, 1);
    const values = axis.values.filter((value) => chosen.includes(value));
    const { numbers, ...listed } = axis;
    if (numbers === undefined || !chosen.includes(anyNumber)) return { ...listed, values };
    return { ...axis, values: values.length === 0 ? axis.values : values };
  });

const placePin = (pin: PinSpec, place: string, folder: string): MatrixPin => {
  const { interpreter, tree } = pin;
  return {
    ...pin,
    place,
    ...(interpreter === undefined ? {} : { interpreter: resolve(folder, interpreter) }),
    ...(tree?.git === undefined || isRepositoryUrl(tree.git)
      ? {}
      : { tree: { ...tree, git: resolve(folder, tree.git) } }),
  };
};

/** What the file lists of the axes, options of adapters among them. */
const chosenValues = (file: MatrixFile, { axes, adapters }: Listed): Matrix['axes'] => {
  const listed = file.axes['adapter'] ?? [];
  const chosen = adapters.filter(({ name }) => listed === allValues || listed.includes(name));
  const options = file.options === undefined ? [] : chosen.flatMap((adapter) => adapter.options);
  return written({ ...Object.fromEntries(options.map(({ name }) => [name, allValues])), ...file.axes }, axes);
};

/** With `all` written out, in the order of the axes. */
const written = (listed: ListedValues, axes: readonly Axis[]): Matrix['axes'] =>
  Object.fromEntries(
    axes.flatMap(({ name, values }) => {
      const wanted = listed[name];
      return wanted === undefined ? [] : [[name, wanted === allValues ? values : wanted]];
    }),
  );

const checkMatrix = (file: MatrixFile, catalogue: Listed): readonly Problem[] => {
  const { axes } = catalogue;
  const chosen = chosenValues(file, catalogue);
  const restricted = matrixAxes(axes, { axes: chosen });
  const listed = axes.filter(({ name }) => chosen[name] !== undefined);
  const stages = (file.stages ?? []).map((stage) => written(stage, axes));
  return [
    ...listed.flatMap(({ name }) => doubledValues(name, chosen[name] ?? [])),
    ...listed.flatMap((axis) => neverApplies(axis, restricted)),
    ...stages.flatMap((stage, index) => restricted.flatMap((axis) => valuesOfNoCell(axis, stage, index))),
  ];
};

/** A stage is a part of the matrix. */
const valuesOfNoCell = (axis: Axis, stage: Matrix['axes'], index: number): readonly Problem[] =>
  (stage[axis.name] ?? []).flatMap((value, place) =>
    axis.values.includes(value)
      ? []
      : [
          {
            path: ['stages', index, axis.name, place],
            message: `the matrix does not list ${axis.name}=${value}. Allowed: ${axis.values.join(', ')}`,
          },
        ],
  );

const doubledValues = (name: string, values: readonly AxisValue[]): readonly Problem[] =>
  values.flatMap((value, index) =>
    values.indexOf(value) === index ? [] : [{ path: ['axes', name, index], message: `${value} is there twice` }],
  );

const neverApplies = ({ name, applies }: Axis, restricted: readonly Axis[]): readonly Problem[] =>
  Object.entries(applies ?? {})
    .filter(([other, allowed]) => {
      const axis = restricted.find((candidate) => candidate.name === other);
      return axis?.values.some((value) => allowed.includes(value)) !== true;
    })
    .map(([other, allowed]) => ({
      path: ['axes', name],
      atKey: true,
      message: `${name} applies only with ${other} ${allowed.join(' or ')}, which this matrix does not list`,
    }));
