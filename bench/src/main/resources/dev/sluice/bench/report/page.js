'use strict';
(() => {
  const LINE_HEIGHT = 26;
  const CURVES_HEIGHT = 320;
  const PIXEL = 7;
  const FONT = 12;
  const LETTER = 6.6;

  const pictures = JSON.parse(document.getElementById('pictures').textContent);
  const dark = matchMedia('(prefers-color-scheme: dark)');

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
  const heat = () => [0, 1, 2, 3, 4].map(step => colour('heat-' + step));
  const finite = value => Number.isFinite(value) ? value : null;
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

  const curves = picture => {
    const logarithmic = picture.scale === 'LOGARITHMIC';
    return {
      color: [1, 2, 3].map(number => colour('curve-' + number)),
      legend: {
        show: picture.curves.length > 1, top: 0, left: 0, itemWidth: 34, textStyle: {color: colour('ink'), fontSize: FONT},
      },
      grid: {left: 32, right: 18, top: picture.curves.length > 1 ? 40 : 16, bottom: 30, containLabel: true},
      tooltip: tooltip({
        trigger: 'axis',
        formatter: items => lines([picture.x + ' ' + short(items[0].value[0]),
          ...items.map(item => item.seriesName + ': ' + (item.value[1] === null ? 'none' : short(item.value[1])))]),
      }),
      xAxis: {...axis(picture.x), type: 'value', nameGap: 28, min: 0, max: 'dataMax', splitLine: {show: false}},
      yAxis: {
        ...axis(picture.y), type: logarithmic ? 'log' : 'value', nameGap: 44, scale: picture.scale === 'FITTED',
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

  const matrix = picture => {
    const {rows, columns, values} = picture;
    const most = Math.max(...values.flat().filter(Number.isFinite), Number.MIN_VALUE);
    const slanted = columns.length > 8;
    const below = slanted ? longest(columns) * 0.71 + 14 : 24;
    const written = rows.length * columns.length <= 250;
    const cell = (value, column, row) => ({
      value: [column, row, finite(value)],
      label: {color: value > 0.55 * most ? colour('heat-text') : colour('ink')},
    });
    return {
      grid: {
        left: picture.rowName ? 30 : 4, right: 12, top: 8, bottom: 56 + (picture.columnName ? 20 : 0), containLabel: true,
      },
      tooltip: tooltip({
        formatter: item => lines([rows[item.value[1]], columns[item.value[0]],
          picture.valueName + ': ' + short(item.value[2])]),
      }),
      visualMap: {
        type: 'continuous', min: 0, max: most, orient: 'horizontal', left: 'center', bottom: 0, itemWidth: 12, itemHeight: 160,
        text: [short(most), picture.valueName + ' 0'], textStyle: {color: colour('faint'), fontSize: FONT},
        inRange: {color: heat()},
      },
      xAxis: {
        ...axis(picture.columnName), type: 'category', data: columns, nameGap: below,
        axisLabel: {color: colour('ink'), fontSize: FONT, interval: 0, rotate: slanted ? 45 : 0}, splitLine: {show: false},
      },
      yAxis: {
        ...axis(picture.rowName), type: 'category', data: rows, inverse: true, nameGap: longest(rows) + 12,
        axisLabel: {color: colour('ink'), fontSize: FONT, interval: 0}, splitLine: {show: false},
      },
      series: [{
        type: 'heatmap',
        progressive: 0,
        data: values.flatMap((row, y) => row.map((value, x) => cell(value, x, y))),
        label: {
          show: written, fontSize: 11, formatter: item => item.value[2] >= 0.005 * most ? item.value[2].toFixed(2) : '',
        },
        itemStyle: {borderColor: colour('line'), borderWidth: 0.5},
      }],
    };
  };

  const image = picture => {
    const {pixels, weights} = picture;
    const height = pixels.length;
    const width = pixels[0].length;
    const places = count => Array.from({length: count}, (_, place) => String(place + 1));
    const side = {top: 8, height: height * PIXEL};
    const bars = weights[0].length === 1;
    const second = width * PIXEL + 54;
    const rows = {...axis(''), type: 'category', data: places(height), inverse: true, splitLine: {show: false}};
    const hidden = {axisLabel: {show: false}, axisLine: {show: false}};
    const cells = matrix => matrix.flatMap((row, y) => row.map((value, x) => [x, y, finite(value)]));
    const scale = (seriesIndex, max, color) => ({type: 'continuous', show: false, seriesIndex, min: 0, max, inRange: {color}});
    const said = item => lines(['row ' + (item.dataIndex + 1), picture.weightName + ': ' + short(weights[item.dataIndex][0])]);
    return {
      grid: [
        {...side, left: 30, width: width * PIXEL},
        bars ? {...side, left: second, right: 22} : {...side, left: second, width: width * PIXEL},
      ],
      tooltip: tooltip({}),
      visualMap: [
        scale(0, 1, [colour('paper'), colour('ink')]),
        ...bars ? [] : [{
          ...scale(1, picture.most, heat()), show: true, orient: 'horizontal', left: second, bottom: 0, itemWidth: 10,
          itemHeight: 80, text: [short(picture.most), picture.weightName + ' 0'],
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
    curves: () => CURVES_HEIGHT,
    matrix: picture => picture.rows.length * LINE_HEIGHT + 96 + (picture.columnName ? 20 : 0)
        + (picture.columns.length > 8 ? longest(picture.columns) * 0.71 : 0),
    image: picture => picture.pixels.length * PIXEL + 56,
  };
  const options = {curves, matrix, image};

  const drawn = Array.from(document.querySelectorAll('.plot'), (plot, number) => {
    const picture = pictures[number];
    plot.style.height = heights[picture.type](picture) + 'px';
    const chart = echarts.init(plot, null, {renderer: 'svg'});
    return {plot, picture, chart};
  });

  const draw = () => drawn.forEach(({picture, chart}) => chart.setOption({
    ...options[picture.type](picture),
    animation: false,
    aria: {enabled: true, label: {description: picture.title + '. ' + picture.caption}},
    textStyle: {fontFamily: getComputedStyle(document.body).fontFamily},
  }, true));

  draw();
  dark.addEventListener('change', draw);
  const resized = new ResizeObserver(entries => entries.forEach(
      ({target}) => drawn.find(({plot}) => plot === target).chart.resize()));
  drawn.forEach(({plot}) => resized.observe(plot));
  document.documentElement.dataset.drawn = String(drawn.length);
})();
