/** What the scan screens say; they say it without a network, so it stands here. */
const ZH = {
  scan: '扫描', receive: '收货', issue: '发货', stocktake: '盘点', transfer: '调拨', home: '工作台', back: '返回', refresh: '刷新',
  loading: '正在读取…', none: '没有可以扫描的单据。需要单据的修改权限。', no_tasks: '没有等待扫描的草稿。', fresh: '新建', begin: '开始扫描', choose: '请选择', choose_first: '请选择{label}',
  kept: '本机已存', waiting: '等待扫描', here: '扫描商品', hint: '扫描条码，或者输入编码后按回车', type: '手动输入', camera: '摄像头', stop_camera: '关闭摄像头', no_camera: '打不开摄像头：{why}', camera_https: '摄像头需要 https 地址',
  wanted: '应 {n}', done: '已 {n}', over: '超出 {n}', extra: '单外', finish: '完成 {done}/{wanted}', finish_count: '完成 {done} 种', less: '减一', more: '加一', set: '改数量', how_many: '数量', save: '保存数量', cancel: '返回',
  unknown: '不认识的条码 {code}', unknown_later: '条码 {code} 先记下，联网后再认', foreign: '{name} 不在这张单据里', over_line: '{name} 超出应有数量', counted: '{name} {n}', below: '不能少于 0',
  online: '已同步', pending: '待传 {n}', offline: '离线 · 待传 {n}', sending: '正在上传…', signed_out: '登录已过期，请登录后继续；扫描记录都在本机', sign_in: '去登录', other_user: '{name} 还有 {n} 条没有上传，请本人登录后上传',
  conflicts: '需要处理 {n}', seen: '知道了', drop: '放弃这 {n} 条扫描', dropped: '已放弃', both: '{name}：别处也扫了 {n}，现在共 {done}', changed: '单据被改过：{name} 应有数量 {from} → {to}', gone: '单据被改过：{name} 已经不在单据里', refused: '没有收下：{why}', closed: '这张单据现在不能再扫：{why}',
  sure: '按实扫数量提交？', sure_text: '提交以后单据就按下面的数量进行。', short: '少扫 {n}', missing: '没有扫到，会从单据里去掉', all_fits: '每一行都和单据一致。', submit: '提交', go_on: '继续扫描', need_network: '提交需要网络；扫描记录都在本机，联网后再提交', need_sent: '还有 {n} 条没有传完，请稍等', finished: '{title} 已提交', failed: '没有提交：{why}', nothing: '还没有扫描任何商品', leave: '移除本机副本', storage: '本机存不下了：请清理空间后再扫',
};
const EN = {
  scan: 'Scan', receive: 'Receive', issue: 'Issue', stocktake: 'Count', transfer: 'Transfer', home: 'Workbench', back: 'Back', refresh: 'Refresh',
  loading: 'Loading…', none: 'There is nothing you may scan. It takes the right to change documents.', no_tasks: 'No draft waits to be scanned.', fresh: 'New', begin: 'Start scanning', choose: 'Choose', choose_first: 'Choose {label}',
  kept: 'Kept on this device', waiting: 'Waiting', here: 'Scan an item', hint: 'Scan a barcode, or type a code and press Enter', type: 'Type', camera: 'Camera', stop_camera: 'Stop camera', no_camera: 'The camera cannot be opened: {why}', camera_https: 'The camera needs an https address',
  wanted: 'of {n}', done: '{n} done', over: '{n} too many', extra: 'not asked', finish: 'Finish {done}/{wanted}', finish_count: 'Finish {done} items', less: 'One less', more: 'One more', set: 'Set quantity', how_many: 'Quantity', save: 'Save quantity', cancel: 'Back',
  unknown: 'Unknown barcode {code}', unknown_later: 'Barcode {code} is kept and looked up when online', foreign: '{name} is not in this document', over_line: '{name}: more than asked', counted: '{name} {n}', below: 'Not below 0',
  online: 'In step', pending: '{n} to send', offline: 'Offline · {n} to send', sending: 'Sending…', signed_out: 'Your session has ended; sign in to go on. All scans are on this device', sign_in: 'Sign in', other_user: '{name} has {n} scans to send; let them sign in',
  conflicts: '{n} to look at', seen: 'Understood', drop: 'Give up these {n} scans', dropped: 'Given up', both: '{name}: {n} scanned elsewhere too, {done} in total', changed: 'The document changed: {name} {from} → {to}', gone: 'The document changed: {name} is no longer in it', refused: 'Not taken: {why}', closed: 'This document can no longer be scanned: {why}',
  sure: 'Submit what was scanned?', sure_text: 'The document goes on with the quantities below.', short: '{n} short', missing: 'not scanned, leaves the document', all_fits: 'Every line is as the document says.', submit: 'Submit', go_on: 'Go on scanning', need_network: 'Submitting needs the network; all scans are on this device', need_sent: '{n} scans are still being sent, please wait', finished: '{title} is submitted', failed: 'Not submitted: {why}', nothing: 'Nothing has been scanned yet', leave: 'Remove from this device', storage: 'This device is full: free some space before scanning on',
};
const TEXTS = document.documentElement.lang.startsWith('en') ? EN : ZH;

/** The text of a key, with its {names} filled in. */
export const w = (key, params = {}) => TEXTS[key].replace(/\{(\w+)\}/g, (_, name) => params[name] ?? '');
