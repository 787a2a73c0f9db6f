/** Where the durations lie, and not only their quantiles: two groups of requests look like one in a p95. */
import * as common from "@grafana/grafana-foundation-sdk/common";
import * as heatmap from "@grafana/grafana-foundation-sdk/heatmap";
import * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import * as units from "@grafana/grafana-foundation-sdk/units";
import { FAMILIES } from "../../../../view/red.ts";
import { curve, DATASOURCE, FULL_WIDTH, lettered, type Row } from "../panels.ts";
import { AROUND, type Query, sum } from "../query.ts";

export function durations({ chosen }: Query): Row {
  const bucket = `${FAMILIES.duration.name}_bucket`;
  const cells = curve(sum(`rate(${chosen(bucket)}[${AROUND.range}])`, "le"), "{{le}}")
    .format(prometheus.PromQueryFormat.Heatmap)
    .exemplar(true);
  return {
    title: "Durations",
    panels: [
      new heatmap.PanelBuilder()
        .title("Requests by duration")
        .description(
          "Each cell is the rate of the requests whose duration fell into that bucket, at that time. A row is named after its upper bound. Diamonds are requests with a trace, where the application traces and Prometheus keeps exemplars.",
        )
        .datasource(DATASOURCE)
        .targets(lettered([cells]))
        .unit(units.RequestsPerSecond)
        // Prometheus counts by bucket already
        .calculate(false)
        .color(
          new heatmap.HeatmapColorOptionsBuilder()
            .mode(heatmap.HeatmapColorMode.Scheme)
            .scheme("Oranges")
            .scale(heatmap.HeatmapColorScale.Exponential)
            .exponent(0.5)
            .steps(64),
        )
        .yAxis(new heatmap.YAxisConfigBuilder().unit(units.Seconds).axisPlacement(common.AxisPlacement.Left))
        .cellValues(new heatmap.CellValuesBuilder().unit(units.RequestsPerSecond))
        .rowsFrame(new heatmap.RowsHeatmapOptionsBuilder().layout(common.HeatmapCellLayout.Auto))
        .tooltip(
          new heatmap.HeatmapTooltipBuilder()
            .mode(common.TooltipDisplayMode.Single)
            .yHistogram(true)
            .showColorScale(true),
        )
        .showLegend()
        .span(FULL_WIDTH)
        .height(10),
    ],
  };
}
