/** Panels as this dashboard has them: what all of a kind share, and how a query becomes one of their targets. */

import * as bargauge from "@grafana/grafana-foundation-sdk/bargauge";
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as stat from "@grafana/grafana-foundation-sdk/stat";
import * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";
import { VARIABLES } from "./query.ts";

/** The grid is this wide. */
export const FULL_WIDTH = 24;

export const DATASOURCE = { type: "prometheus", uid: `\${${VARIABLES.datasource}}` };

export interface Row {
  readonly title: string;
  /** From left to right; each line of them is FULL_WIDTH wide and of one height. */
  readonly panels: readonly Panel[];
}

interface Panel {
  build(): dashboard.Panel;
}

/** What a person reads of a panel. */
export interface Text {
  readonly title: string;
  readonly description: string;
  /** One of the SDK's `units`. */
  readonly unit: string;
}

export type Target = prometheus.DataqueryBuilder;

/** A line for each series of the answer. `legend` may name labels, `{{method}}`. */
export function curve(expr: string, legend: string): Target {
  return new prometheus.DataqueryBuilder().expr(expr).range().legendFormat(legend).datasource(DATASOURCE);
}

/** A number for each series of the answer, at the end of the chosen time. */
export function number(expr: string, legend: string): Target {
  return new prometheus.DataqueryBuilder().expr(expr).instant().legendFormat(legend).datasource(DATASOURCE);
}

/** The rows of a table, with a column for each label. */
export function column(expr: string): Target {
  return new prometheus.DataqueryBuilder()
    .expr(expr)
    .instant()
    .format(prometheus.PromQueryFormat.Table)
    .datasource(DATASOURCE);
}

/** `A`, `B`, … in the order given: by them transformations and overrides know the targets of a panel. */
export function lettered(targets: readonly Target[]): Target[] {
  return targets.map((target, index) => target.refId(String.fromCharCode("A".charCodeAt(0) + index)));
}

/** Colours from a value on; the first holds below all of them. */
export function thresholds(
  first: string,
  ...from: readonly (readonly [value: number, color: string])[]
): dashboard.ThresholdsConfigBuilder {
  return new dashboard.ThresholdsConfigBuilder()
    .mode(dashboard.ThresholdsMode.Absolute)
    .steps([{ value: null, color: first }, ...from.map(([value, color]) => ({ value, color }))]);
}

export function numbers({ title, description, unit }: Text, ...targets: readonly Target[]): stat.PanelBuilder {
  return new stat.PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATASOURCE)
    .targets(lettered(targets))
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .thresholds(thresholds("text"))
    .height(4);
}

export function curves({ title, description, unit }: Text, ...targets: readonly Target[]): timeseries.PanelBuilder {
  return new timeseries.PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATASOURCE)
    .targets(lettered(targets))
    .min(0)
    .fillOpacity(10)
    .showPoints(common.VisibilityMode.Auto)
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    )
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .span(FULL_WIDTH / 2)
    .height(8);
}

/** The area below the line is coloured like the threshold that it has reached. */
export function withLimits(panel: timeseries.PanelBuilder, limits: dashboard.ThresholdsConfigBuilder) {
  return panel
    .thresholds(limits)
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed));
}

/** Each series on top of the one before, so that the height of all is their sum. */
export function stacked(panel: timeseries.PanelBuilder): timeseries.PanelBuilder {
  return panel
    .fillOpacity(60)
    .lineWidth(0)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group("A"));
}

export function bars({ title, description, unit }: Text, target: Target): bargauge.PanelBuilder {
  return new bargauge.PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATASOURCE)
    .targets(lettered([target]))
    .min(0)
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .valueMode(common.BarGaugeValueMode.Text)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .thresholds(thresholds("blue"))
    .span(FULL_WIDTH / 3)
    .height(9);
}
