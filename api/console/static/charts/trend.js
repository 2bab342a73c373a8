// Trends 趋势图: the numbers of the table beside it, drawn on a canvas; nothing moves, and print gets its own size.
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const plain = (name) => {
    const probe = document.createElement('i');
    probe.className = name;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const draw = (place) => {
    const said = JSON.parse(place.dataset.chart);
    const [ink, line, late, font] = [plain('q'), plain('qq'), plain('u-late'), colour('--wy-font')];
    const known = said.values.filter((value) => value !== null);
    const goals = said.targets.filter((value) => value !== null);
    const least = Math.max(0, Math.floor((Math.min(...known, ...goals, 100) - 4) / 5) * 5);
    const chart = echarts.init(place, null, { renderer: 'canvas' });
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: font, color: ink },
      grid: { left: 48, right: 16, top: 16, bottom: 28 },
      tooltip: { trigger: 'axis', renderMode: 'richText', valueFormatter: (value) => (value === undefined || value === null ? '–' : `${value}%`) },
      xAxis: { type: 'category', data: said.names, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: ink } },
      yAxis: { type: 'value', min: least, max: Math.max(100, ...known), axisLabel: { formatter: '{value}%', color: ink }, splitLine: { lineStyle: { color: line, opacity: 0.25 } } },
      series: [
        { name: said.words.value, type: 'line', data: said.values.map((value, n) => ({ value, symbol: value !== null && said.targets[n] !== null && value < said.targets[n] ? 'triangle' : 'circle', itemStyle: { color: value !== null && said.targets[n] !== null && value < said.targets[n] ? late : plain('u-kept') } })), symbolSize: 8, lineStyle: { color: ink, width: 1.5 }, connectNulls: false },
        { name: said.words.target, type: 'line', step: 'middle', data: said.targets, symbol: 'none', lineStyle: { color: line, type: 'dashed', width: 1 } },
      ],
    });
    const fit = () => chart.resize();
    new ResizeObserver(fit).observe(place);
    window.addEventListener('beforeprint', fit);
    window.addEventListener('afterprint', fit);
  };
  const begin = () => document.querySelectorAll('[data-chart]').forEach(draw);
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', begin);
  else begin();
})();
