/** Locales by the names that Java gives them: `en_US`, `tr`. */

/** The BCP 47 tag of a locale: `en-US` of `en_US`. */
export function localeTag(locale: string): string {
  return locale.replaceAll('_', '-');
}

/** Whether this Node has data of a locale, given as `en_US` or `en-US`. */
export function isAvailableLocale(locale: string): boolean {
  try {
    return Intl.Collator.supportedLocalesOf([localeTag(locale)]).length === 1;
  } catch {
    // It is no tag at all.
    return false;
  }
}

/**
 * The languages of two letters that this Node has data of, each alone and with its most likely
 * region. Others are available too: a language with another region, or with three letters.
 */
export function commonLocales(): ReadonlySet<string> {
  const letters = [...'abcdefghijklmnopqrstuvwxyz'];
  const pairs = letters.flatMap((first) => letters.map((second) => first + second));
  const locales = Intl.Collator.supportedLocalesOf(pairs).flatMap((language) => {
    const { region } = new Intl.Locale(language).maximize();
    return region === undefined ? [language] : [language, `${language}_${region}`];
  });
  return new Set(locales);
}

/** The locale of this machine where it is available, else `en_US`. */
export function machineLocale(): string {
  const locale = new Intl.DateTimeFormat().resolvedOptions().locale.replaceAll('-', '_');
  return isAvailableLocale(locale) ? locale : 'en_US';
}
