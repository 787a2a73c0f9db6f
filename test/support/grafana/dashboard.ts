/** A dashboard's JSON as Grafana reads it: the part of the classic model that has queries in it. */

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly instant?: boolean;
  readonly exemplar?: boolean;
  readonly legendFormat?: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly type?: string; readonly uid?: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] };
      readonly custom?: { readonly stacking?: { readonly mode: string } };
    };
    readonly overrides?: readonly {
      readonly matcher: { readonly id: string; readonly options?: unknown };
      readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
    }[];
  };
  readonly targets?: readonly Target[];
  readonly transformations?: readonly {
    readonly id: string;
    readonly options: {
      readonly renameByName?: Readonly<Record<string, string>>;
      readonly indexByName?: Readonly<Record<string, number>>;
    };
  }[];
}

export interface Variable {
  readonly type: string;
  readonly name: string;
  /** `label_values(…)`, or the kind of the data source. */
  readonly query: string;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

/** The panels that show data: all but the headings of the rows. */
export function dataPanels({ panels }: Dashboard): Panel[] {
  return panels.filter(({ type }) => type !== "row");
}

/** @throws Error where not exactly one panel has the title */
export function panelOf(dashboard: Dashboard, title: string): Panel {
  const [panel, ...more] = dataPanels(dashboard).filter((each) => each.title === title);
  if (panel === undefined || more.length > 0) throw new Error(`not one panel is called ${title}`);
  return panel;
}

/** The panels by the row below whose heading they are. */
export function rowsOf({ panels }: Dashboard): Map<string, Panel[]> {
  const rows = new Map<string, Panel[]>();
  let row: Panel[] = [];
  for (const panel of panels) {
    if (panel.type === "row") {
      row = [];
      rows.set(panel.title, row);
    } else row.push(panel);
  }
  return rows;
}
