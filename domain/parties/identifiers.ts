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

// The refused number stays out of the errors: they are logged, and it may be a person's.

/** Spaces are how these numbers are printed, not part of them. */
function compact(text: string): string {
  return text.slice(0, 80).replace(/\s+/g, '').toUpperCase();
}

/**
 * Reads an IBAN and gives it without spaces.
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
 * Reads a BIC and gives it without spaces.
 * @throws DomainError invalid_bic
 */
export function checkBic(text: string, field = 'bic'): string {
  const bic = compact(text);
  if (isValidBIC(bic)) return bic;
  throw new DomainError('invalid_bic', 'not a BIC', { field, details: { reason: 'wrong_format' } });
}

/**
 * Reads a VAT identification number with its country's letters and gives it without spaces. The check is of form and
 * check digit; whether it was ever issued only the tax authorities know.
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
 * Reads a national tax number and gives it with the separators that it is printed with. Only its form is checked, 5
 * to 25 digits and letters with single separators and at least three digits: there are as many check digits as
 * offices that give it out (in Germany one per Land), and a number does not say whose it is.
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
