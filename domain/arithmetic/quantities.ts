/** A quantity, booked or used, is no finer than this, so that the sum of all stays exact. */
export const QUANTITY_DECIMALS = 6;

/** Digits after the point of decimal text. */
export const decimalsOf = (text: string): number => text.split('.')[1]?.length ?? 0;
