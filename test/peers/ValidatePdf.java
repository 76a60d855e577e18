import java.io.FileInputStream;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;

/**
 * Validates PDF files against a flavour, such as 3b. Prints a line for each file: the rules that it breaks, as clauses and
 * numbers of ISO 19005-3 or of ISO 14289-1.
 */
class ValidatePdf {
  public static void main(String[] arguments) throws Exception {
    VeraGreenfieldFoundryProvider.initialise();
    var foundry = Foundries.defaultInstance();
    var flavour = PDFAFlavour.byFlavourId(arguments[0]);
    for (int n = 1; n < arguments.length; n++) {
      try (var stream = new FileInputStream(arguments[n]);
          var parser = foundry.createParser(stream, flavour);
          var validator = foundry.createValidator(flavour, false)) {
        var result = validator.validate(parser);
        var broken = new TreeSet<String>();
        for (var each : result.getTestAssertions())
          broken.add(each.getRuleId().getClause() + "-" + each.getRuleId().getTestNumber());
        if (!result.isCompliant() && broken.isEmpty()) broken.add("unknown");
        System.out.println("broken: " + String.join(" ", broken));
      }
    }
  }
}
