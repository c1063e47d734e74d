/** An amount in Chinese capitals, as it is written on a cheque: 壹佰贰拾元整. */
const DIGITS = '零壹贰叁肆伍陆柒捌玖', UNITS = ['', '拾', '佰', '仟'], GROUPS = ['', '万', '亿', '万亿', '亿亿'];

/** Four digits with their units; zeros between figures are said once. */
function group(digits) {
  let said = '', isZero = false;
  [...digits].forEach((digit, i) => {
    if (digit === '0') { isZero = said !== ''; return; }
    said += (isZero ? '零' : '') + DIGITS[digit] + UNITS[digits.length - 1 - i];
    isZero = false;
  });
  return said;
}

/** Plain decimal text in capitals, to the cent. */
export function rmbCapitals(plain) {
  const negative = plain.startsWith('-');
  const [whole, part = ''] = plain.replace(/^[+-]/, '').split('.');
  const digits = whole.replace(/^0+/, ''), jiao = part[0] ?? '0', fen = part[1] ?? '0';
  if (digits.length > 20) return '';
  const padded = digits.padStart(Math.ceil(digits.length / 4) * 4, '0'), parts = padded.match(/\d{4}/g) ?? [];
  let said = '', isGap = false;
  parts.forEach((four, i) => {
    if (four === '0000') { isGap = said !== ''; return; }
    said += (said && (isGap || four[0] === '0') ? '零' : '') + group(four) + GROUPS[parts.length - 1 - i];
    isGap = false;
  });
  if (said) said += '元';
  if (jiao === '0' && fen === '0') return (negative ? '负' : '') + (said || '零元') + '整';
  if (jiao !== '0') said += `${DIGITS[jiao]}角`;
  else if (said) said += '零';
  said += fen === '0' ? '整' : `${DIGITS[fen]}分`;
  return (negative ? '负' : '') + said;
}
