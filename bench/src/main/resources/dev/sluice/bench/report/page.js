'use strict';
(() => {
  const LINE_HEIGHT = 26;
  const CURVES_HEIGHT = 320;
  const MOST_PIXEL = 7;
  const MARGIN = 30;
  const WRITTEN = 29;
  const FONT = 12;
  const LETTER = 6.6;
  const LEGEND_LINE = 24;
  const LEGEND_MARK = 34;
  const LEGEND_GAP = 10;

  const pictures = JSON.parse(document.getElementById('pictures').textContent);
  const dark = matchMedia('(prefers-color-scheme: dark)');

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const heat = () => [0, 1, 2, 3, 4].map(step => colour('heat-' + step));
  const finite = value => Number.isFinite(value) ? value : null;
  const clamp = (value, low, high) => Math.max(low, Math.min(value, high));
  const longest = labels => Math.max(...labels.map(label => label.length)) * LETTER;

  const short = value => {
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  };

  const axis = name => ({
    name,
    nameLocation: 'middle',
    nameTextStyle: {color: colour('faint'), fontSize: FONT},
    axisLabel: {color: colour('faint'), fontSize: FONT},
    axisLine: {lineStyle: {color: colour('line')}},
    axisTick: {show: false},
    splitLine: {lineStyle: {color: colour('line')}},
  });

  const tooltip = more => ({
    confine: true,
    backgroundColor: colour('card'),
    borderColor: colour('line'),
    textStyle: {color: colour('ink'), fontSize: FONT},
    ...more,
  });

  // Texts of the page are data here, and a tooltip is HTML unless it is made of nodes.
  const lines = texts => {
    const box = document.createElement('div');
    for (const text of texts) {
      box.append(Object.assign(document.createElement('div'), {textContent: text}));
    }
    return box;
  };

  const slants = (picture, width) => longest(picture.columns) * picture.columns.length > 0.55 * width;
  const pixel = ({pixels: [row], weights: [weight]}, width) =>
    clamp(Math.floor((width - 3 * MARGIN) / (row.length + (weight.length === 1 ? 16 : row.length))), 2, MOST_PIXEL);

  // As wide as they are at most, so that what is below never meets them.
  const legendLines = ({curves}, width) => {
    let lines = curves.length > 1 ? 1 : 0;
    let used = 0;
    for (const {name} of curves) {
      const needed = LEGEND_MARK + LEGEND_GAP + name.length * LETTER;
      if (used > 0 && used + needed > width) {
        lines += 1;
        used = 0;
      }
      used += needed + LEGEND_GAP;
    }
    return lines;
  };

  const curves = (picture, width) => {
    const logarithmic = picture.scale === 'LOGARITHMIC';
    return {
      color: [1, 2, 3].map(number => colour('curve-' + number)),
      legend: {
        show: picture.curves.length > 1, top: 0, left: 0, itemWidth: LEGEND_MARK, itemGap: LEGEND_GAP,
        textStyle: {color: colour('ink'), fontSize: FONT},
      },
      grid: {
        left: 32, right: 18, top: 16 + LEGEND_LINE * legendLines(picture, width), bottom: 30, containLabel: true,
      },
      tooltip: tooltip({
        trigger: 'axis',
        formatter: items => lines([picture.x + ' ' + short(items[0].value[0]),
          ...items.map(item => item.seriesName + ': ' + (item.value[1] === null ? 'none' : short(item.value[1])))]),
      }),
      xAxis: {...axis(picture.x), type: 'value', nameGap: 28, min: 0, max: 'dataMax', splitLine: {show: false}},
      yAxis: {
        ...axis(picture.y), type: logarithmic ? 'log' : 'value', nameGap: 44,
        ...picture.scale === 'SHARE' ? {min: ({min}) => clamp(Math.floor(min * 10) / 10, 0, 0.9), max: 1} : {},
        axisLabel: {color: colour('faint'), fontSize: FONT, formatter: short},
      },
      series: picture.curves.map((curve, number) => ({
        type: 'line',
        name: curve.name,
        data: curve.points.map(([x, y]) => [x, logarithmic && !(y > 0) ? null : finite(y)]),
        symbol: ['circle', 'rect', 'triangle'][number % 3],
        symbolSize: 7,
        showSymbol: curve.points.length <= 40,
        lineStyle: {width: 1.8, type: ['solid', 'dashed', 'dotted'][number % 3]},
      })),
    };
  };

  const matrix = (picture, width) => {
    const {rows, columns, values} = picture;
    const most = Math.max(...values.flat().filter(Number.isFinite), Number.MIN_VALUE);
    const slanted = slants(picture, width);
    const below = slanted ? longest(columns) * 0.71 + 14 : 24;
    const beside = Math.min(longest(rows), 0.6 * width);
    const written = (width - beside) / columns.length >= WRITTEN;
    const cell = (value, column, row) => ({
      value: [column, row, finite(value)],
      label: {color: value > 0.55 * most ? colour('heat-text') : colour('ink')},
    });
    return {
      grid: {
        left: picture.rowName ? 30 : 4, right: 12, top: 8, bottom: 44 + (picture.columnName ? 20 : 0),
        containLabel: true,
      },
      tooltip: tooltip({
        formatter: item => lines([rows[item.value[1]], columns[item.value[0]],
          picture.valueName + ': ' + short(item.value[2])]),
      }),
      visualMap: {
        type: 'continuous', min: 0, max: most, orient: 'horizontal', left: 'center', bottom: 0,
        itemWidth: 12, itemHeight: 160,
        text: [short(most), picture.valueName + ' 0'], textStyle: {color: colour('faint'), fontSize: FONT},
        inRange: {color: heat()},
      },
      xAxis: {
        ...axis(picture.columnName), type: 'category', data: columns, nameGap: below,
        axisLabel: {
          color: colour('ink'), fontSize: FONT, interval: columns.length > 40 ? 'auto' : 0, rotate: slanted ? 45 : 0,
        },
        splitLine: {show: false},
      },
      yAxis: {
        ...axis(picture.rowName), type: 'category', data: rows, inverse: true, nameGap: beside + 12,
        axisLabel: {color: colour('ink'), fontSize: FONT, interval: 0, width: beside + LETTER, overflow: 'truncate'},
        splitLine: {show: false},
      },
      series: [{
        type: 'heatmap',
        progressive: 0,
        data: values.flatMap((row, y) => row.map((value, x) => cell(value, x, y))),
        label: {
          show: written, fontSize: 11, formatter: item => item.value[2] >= 0.005 ? item.value[2].toFixed(2) : '',
        },
        itemStyle: {borderColor: colour('line'), borderWidth: 0.5},
      }],
    };
  };

  const image = (picture, room) => {
    const {pixels, weights} = picture;
    const height = pixels.length;
    const width = pixels[0].length;
    const size = pixel(picture, room);
    const places = count => Array.from({length: count}, (_, place) => String(place + 1));
    const side = {top: 8, height: height * size};
    const bars = weights[0].length === 1;
    const second = width * size + 2 * MARGIN;
    const rows = {...axis(''), type: 'category', data: places(height), inverse: true, splitLine: {show: false}};
    const hidden = {axisLabel: {show: false}, axisLine: {show: false}};
    const cells = matrix => matrix.flatMap((row, y) => row.map((value, x) => [x, y, finite(value)]));
    const scale = (seriesIndex, max, color) =>
      ({type: 'continuous', show: false, seriesIndex, min: 0, max, inRange: {color}});
    const said = ({dataIndex: row}) => lines(['row ' + (row + 1), picture.weightName + ': ' + short(weights[row][0])]);
    return {
      grid: [
        {...side, left: MARGIN, width: width * size},
        bars ? {...side, left: second, right: MARGIN} : {...side, left: second, width: width * size},
      ],
      tooltip: tooltip({}),
      visualMap: [
        scale(0, 1, [colour('paper'), colour('ink')]),
        ...bars ? [] : [{
          ...scale(1, picture.most, heat()), show: true, orient: 'horizontal', left: second, bottom: 0, itemWidth: 10,
          itemHeight: 50, text: [short(picture.most), picture.weightName + ' 0'],
          textStyle: {color: colour('faint'), fontSize: FONT},
        }],
      ],
      xAxis: [
        {...axis(''), ...hidden, type: 'category', data: places(width), splitLine: {show: false}},
        bars
          ? {
            ...axis(picture.weightName), gridIndex: 1, type: 'value', min: 0, max: picture.most, nameGap: 24,
            interval: picture.most, axisLabel: {color: colour('faint'), fontSize: FONT, formatter: short},
          }
          : {...axis(''), ...hidden, gridIndex: 1, type: 'category', data: places(width), splitLine: {show: false}},
      ],
      yAxis: [
        {...rows, axisLabel: {color: colour('faint'), fontSize: 10, interval: 6}},
        {...rows, ...hidden, gridIndex: 1},
      ],
      series: [
        {type: 'heatmap', progressive: 0, silent: true, data: cells(pixels)},
        bars
          ? {
            type: 'bar', xAxisIndex: 1, yAxisIndex: 1, barCategoryGap: '15%', data: weights.map(row => finite(row[0])),
            itemStyle: {color: colour('curve-2')}, tooltip: {formatter: said},
          }
          : {
            type: 'heatmap', progressive: 0, xAxisIndex: 1, yAxisIndex: 1, data: cells(weights),
            tooltip: {formatter: item => lines([picture.weightName + ': ' + short(item.value[2])])},
          },
      ],
    };
  };

  const heights = {
    curves: (picture, width) => CURVES_HEIGHT + LEGEND_LINE * Math.max(0, legendLines(picture, width) - 1),
    matrix: (picture, width) => picture.rows.length * LINE_HEIGHT + 90 + (picture.columnName ? 20 : 0)
      + (slants(picture, width) ? longest(picture.columns) * 0.71 : 0),
    image: (picture, width) => picture.pixels.length * pixel(picture, width) + 56,
  };
  const options = {curves, matrix, image};

  const draw = ({plot, picture, chart}) => {
    const width = plot.clientWidth;
    plot.style.height = heights[picture.type](picture, width) + 'px';
    chart.resize();
    chart.setOption({
      ...options[picture.type](picture, width),
      animation: false,
      aria: {enabled: true, label: {description: picture.title + '. ' + picture.caption}},
      textStyle: {fontFamily: getComputedStyle(document.body).fontFamily},
    }, true);
  };

  const all = Array.from(document.querySelectorAll('.plot'), (plot, number) =>
    ({plot, picture: pictures[number], chart: echarts.init(plot, null, {renderer: 'svg'})}));
  all.forEach(draw);
  dark.addEventListener('change', () => all.forEach(draw));

  const widths = new WeakMap();
  const resized = new ResizeObserver(entries => {
    for (const {target, contentRect: {width}} of entries) {
      if (widths.get(target) !== width) {
        widths.set(target, width);
        draw(all.find(({plot}) => plot === target));
      }
    }
  });
  all.forEach(({plot}) => resized.observe(plot));
})();
