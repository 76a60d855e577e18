/** The most digits after the point that a booked or used quantity may have, so that sums stay exact. */
export const QUANTITY_DECIMALS = 6;

/** The number of digits after the point in decimal text. */
export const decimalsOf = (text: string): number => text.split('.')[1]?.length ?? 0;
