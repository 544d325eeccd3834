/** The text that Java gives a number: what Flink ML hashes when a number is a category. */

/**
 * `Double.toString`: at least one digit after the point, and an exponent below 1e-3 and from 1e7
 * on. Digits are the shortest that give the number back.
 */
export function javaDoubleText(value: number): string {
  return javaText(value, String);
}

/** `Float.toString`: as {@link javaDoubleText}, of a number that is a 32-bit float. */
export function javaFloatText(value: number): string {
  return javaText(value, (magnitude) => {
    for (let digits = 1; digits < 9; digits++) {
      const text = magnitude.toPrecision(digits);
      if (Math.fround(Number(text)) === magnitude) return String(Number(text));
    }
    return String(Number(magnitude.toPrecision(9)));
  });
}

function javaText(value: number, shortest: (magnitude: number) => string): string {
  if (!Number.isFinite(value)) return String(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude === 0) return `${sign}0.0`;
  const { digits, exponent } = scientific(shortest(magnitude));
  if (magnitude >= 1e-3 && magnitude < 1e7) return sign + plain(digits, exponent);
  return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
}

/** `'123.4'` as digits `'1234'` and exponent 2: 1.234e2. */
function scientific(text: string): { readonly digits: string; readonly exponent: number } {
  const [mantissa, power] = text.split('e') as [string, string?];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?];
  const all = whole + fraction;
  const leading = all.search(/[1-9]/);
  return {
    digits: all.slice(leading).replace(/0+$/, ''),
    exponent: Number(power ?? 0) + whole.length - 1 - leading,
  };
}

function plain(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${whole}.${digits.slice(exponent + 1) || '0'}`;
}
