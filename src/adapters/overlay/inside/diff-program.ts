import { packPart } from "./pack.ts";
import { prelude } from "./prelude.ts";
import { viewPart } from "./view.ts";

/** A writable part as a layer tar. Arguments: layers' folder, mount option of what is below, a folder to mount it on, the part. */
export const diffProgram = `${prelude}${packPart}${viewPart}${String.raw`
my ($layers, $option, $at, $root) = @ARGV;
opendir(my $top, $root) or oops("opening the writable part");
view_of($layers, $option, $at);
chdir $top or oops("chdir"); root_is('.');
sub marked {
  my ($path, $name, @s) = @_;
  return 1 if is_mountpoint($path, @s);
  my ($folder, $last) = $name =~ m{^(.*/)?([^/]*)\z}; $folder = '' unless defined $folder;
  if (S_ISCHR($s[2]) && $s[6] == 0) { header("$folder.wh.$last", '0', 0600, 0, 0, 0, $s[9], '', 0, 0); return 1 }
  return 0 unless S_ISDIR($s[2]) && is_opaque($path);
  my @below = stat_below($path); return 0 unless @below && S_ISDIR($below[2]);
  header("$name/", '5', $s[2] & 07777, $s[4], $s[5], 0, $s[9], '', 0, 0, xattrs($path));
  header("$name/.wh..wh..opq", '0', 0600, 0, 0, 0, $s[9], '', 0, 0);
  pack_folder($path, "$name/", \&marked); return 1;
}
pack_folder('.', '', \&marked); pack_end();
`}`;
