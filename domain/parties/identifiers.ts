import { isValidBIC, validateIBAN, ValidationErrorsIBAN } from 'ibantools';
import { checkVAT, countries } from 'jsvat';
import { DomainError } from '../errors.ts';

const ibanReasons: Record<ValidationErrorsIBAN, string> = {
  [ValidationErrorsIBAN.NoIBANProvided]: 'empty',
  [ValidationErrorsIBAN.NoIBANCountry]: 'unknown_country',
  [ValidationErrorsIBAN.WrongBBANLength]: 'wrong_length',
  [ValidationErrorsIBAN.WrongBBANFormat]: 'wrong_format',
  [ValidationErrorsIBAN.ChecksumNotNumber]: 'wrong_format',
  [ValidationErrorsIBAN.WrongIBANChecksum]: 'wrong_check_digits',
  [ValidationErrorsIBAN.WrongAccountBankBranchChecksum]: 'wrong_check_digits',
  [ValidationErrorsIBAN.QRIBANNotAllowed]: 'wrong_format',
};

// Errors never contain the refused number: they are logged, and it may be personal data.

/** Removes spaces, which are printed with these numbers but are not part of them. */
function compact(text: string): string {
  return text.slice(0, 80).replace(/\s+/g, '').toUpperCase();
}

/**
 * Checks an IBAN and returns it without spaces.
 * @throws DomainError invalid_iban with a reason: empty, unknown_country, wrong_length, wrong_format or
 *   wrong_check_digits
 */
export function checkIban(text: string, field = 'iban'): string {
  const iban = compact(text);
  const { valid, errorCodes } = validateIBAN(iban);
  if (valid) return iban;
  const reason = errorCodes[0] === undefined ? 'wrong_format' : ibanReasons[errorCodes[0]];
  throw new DomainError('invalid_iban', `not an IBAN: ${reason}`, { field, details: { reason } });
}

/**
 * Checks a BIC and returns it without spaces.
 * @throws DomainError invalid_bic
 */
export function checkBic(text: string, field = 'bic'): string {
  const bic = compact(text);
  if (isValidBIC(bic)) return bic;
  throw new DomainError('invalid_bic', 'not a BIC', { field, details: { reason: 'wrong_format' } });
}

/**
 * Checks a VAT identification number with its country's letters, and returns it without spaces. Only the form and the check
 * digit are checked: the tax authorities alone know whether the number was issued.
 * @throws DomainError invalid_vat_id with a reason: unknown_country, wrong_format or wrong_check_digits
 */
export function checkVatId(text: string, field = 'vatId'): string {
  const vatId = compact(text);
  const result = checkVAT(vatId, countries);
  if (result.isValid) return vatId;
  const known = countries.some((country) => country.codes.some((code) => vatId.startsWith(code)));
  const formed = result.isValidFormat ? 'wrong_check_digits' : 'wrong_format';
  const reason = known || vatId.startsWith('EL') ? formed : 'unknown_country';
  throw new DomainError('invalid_vat_id', `not a VAT id: ${reason}`, { field, details: { reason } });
}

const TAX_NUMBER = /^[\p{L}\d](?:[ /.-]?[\p{L}\d]){4,24}$/u;

/**
 * Checks a national tax number and returns it with its separators. Only the form is checked: 5 to 25 digits and letters
 * with single separators, among them at least three digits. The check digit depends on the office that issued the number
 * (in Germany on the Land), and a number does not say which office that is.
 * @throws DomainError invalid_tax_number
 */
export function checkTaxNumber(text: string, field = 'taxNumber'): string {
  const number = text.slice(0, 80).trim().replace(/\s+/g, ' ');
  if (TAX_NUMBER.test(number) && number.replace(/\D/g, '').length >= 3) return number;
  throw new DomainError('invalid_tax_number', 'not a tax number', {
    field,
    details: { reason: 'wrong_format' },
  });
}
