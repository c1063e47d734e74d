/** Texts the scripts say; the pages' own texts come from the server. */
const ZH = {
  pinned: '已放进快捷入口', unpinned: '已从快捷入口去掉',
  undo: '撤销', back: '返回', close: '关闭', retry: '重试',
  pasted: '已粘贴 {rows} 行', pasted_bad: '已粘贴 {rows} 行，{bad} 处没有认出', line_deleted: '已删除第 {line} 行',
  undone: '已撤销', nothing_to_undo: '没有可撤销的操作',
  lookup_hint: '支持编码、名称、拼音首字母', lookup_none: '没有匹配项', lookup_wait: '正在查找…', lookup_failed: '查找没有成功，请再试一次',
  lookup_pick: '选择', lookup_take: '确定', lookup_new: '新建', lookup_more: '还有更多，按 ↓ 继续',
  not_found: '没有找到“{text}”，请从列表里选', not_number: '“{text}”不是数字', not_date: '“{text}”不是日期，可以写 1121、11-21 或 +7',
  not_time: '“{text}”不是时间，可以写 14:30、1430 或 下午2:30', not_duration: '“{text}”不是时长，可以写 1:30、90 分钟 或 1.5 小时',
  not_choice: '“{text}”不在选项里', no_barcode: '没有找到条码 {code} 对应的记录', scanned: '{name} ×{qty}',
  short: '超出可用库存 {available}', saved: '{time} 已保存', saved_local: '{time} 已暂存在本机', saving: '正在暂存…', not_saved: '没有暂存：本机空间不足',
  offline: '网络断开，内容已暂存在本机', restored: '已恢复 {time} 的草稿', dropped: '已丢弃草稿',
  failed: '操作没有成功，已保留你填写的内容', no_answer: '连接不上服务器，已保留你填写的内容', no_way: '“{what}”不能直接移到这里',
  scans_title: '还有 {n} 条扫码没有上传', scans_text: '它们留在这台设备上，扫的人下次登录时上传；其他内容会清掉。', scans_send: '先去上传', scans_leave: '退出登录',
  lines: '{n} 行', chosen: '已选 {n} 张',
  row_menu: '第 {line} 行的操作', insert_above: '在上方插入', duplicate: '复制一行', up: '上移', down: '下移', remove: '删除',
  previous_month: '上个月', next_month: '下个月', today: '今天', calendar: '选择日期', weekdays: '一二三四五六日', month: '{year} 年 {month} 月',
  no_location: '没有取到位置，请在浏览器里允许定位，或者手工填写', sign_title: '签名', sign_here: '请在框内手写', sign_name: '或者输入姓名', sign_clear: '重写', sign_done: '用这个签名', sign_file: '签名.png', too_many_files: '最多 {limit} 个', not_picture: '{name} 不是图片（PNG、JPEG、WebP、GIF）',
  uploading: '正在上传 {name}…', upload_failed: '{name} 没有上传成功', removed: '已移除 {name}', need_comment: '请写明原因',
  as_form: '展开填写整行', more_row: '更多操作', line_form: '第 {line} 行', line_before: '上一行', line_after: '下一行', line_done: '完成',
  created: '已新建 {name}', scan_keep: '放进明细再认', comma: '、', fix_title: '{n} 个内容没有认出，选一次就全部改好', fix_choose: '选择正确的记录', fix_for: '“{text}”是哪一条', fix_go: '到第一处', fix_lines: '第 {lines} 行',
  after_saving: '保存后算出', error_prefix: '错误：', why: '这个数怎么来的：第 {line} 行的{name}', expand: '全屏录入', collapse: '退出全屏', reference_missing: '请先选择{label}',
};
// A page in English brings its texts before this module (texts-en.js); nobody else loads them.
const TEXTS = globalThis.dajianTexts ?? ZH;

/** The text of a key, with its {names} filled in. */
export function t(key, params = {}) {
  return TEXTS[key].replace(/\{(\w+)\}/g, (_, name) => params[name] ?? '');
}
