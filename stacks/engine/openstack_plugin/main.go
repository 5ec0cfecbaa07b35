// Command pulumi-resource-openstack serves to Pulumi, through Pulumi's own bridge, the very
// Terraform provider that the official plugin of that version bridges. It is for networks that
// mirror package registries only; its version says that it was built here.
package main

import (
	_ "embed"
	"encoding/json"
	"os"
	"time"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	bridgetokens "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens/fallbackstrat"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-provider-openstack/terraform-provider-openstack/v3/openstack"
)

// version is upstream's with a mark of ours as build metadata; the linker sets it.
var version = "0.0.0+francecloud"

// chosen holds the type tokens that upstream chose by hand: Terraform name to Pulumi token.
// The others follow from the Terraform name.
//
//go:embed tokens.json
var chosen []byte

// modules says in which module of the SDK each family of Terraform resources is found.
var modules = map[string]string{
	"bgpvpn_": "bgpvpn", "blockstorage_": "blockstorage", "compute_": "compute",
	"containerinfra_": "containerinfra", "db_": "database", "dns_": "dns", "fw_": "firewall",
	"identity_": "identity", "images_": "images", "keymanager_": "keymanager",
	"lb_": "loadbalancer", "loadbalancer_": "loadbalancer", "networking_": "networking",
	"objectstorage_": "objectstorage", "orchestration_": "orchestration",
	"sharedfilesystem_": "sharedfilesystem", "vpnaas_": "vpnaas",
}

// environment names the variable that gives each provider setting when the program does not.
var environment = map[string]string{
	"region": "OS_REGION_NAME", "insecure": "OS_INSECURE", "endpoint_type": "OS_ENDPOINT_TYPE",
	"swauth": "OS_SWAUTH", "cloud": "OS_CLOUD", "delayed_auth": "OS_DELAYED_AUTH",
	"allow_reauth": "OS_ALLOW_REAUTH",
}

// legacy lists the resources that upstream's SDK still serves under a first, deprecated token too.
var legacy = map[string]tokens.Type{
	"openstack_bgpvpn_v2":                   "openstack:index/bgpvpnV2:BgpvpnV2",
	"openstack_bgpvpn_network_associate_v2": "openstack:index/bgpvpnNetworkAssociateV2:BgpvpnNetworkAssociateV2",
	"openstack_bgpvpn_port_associate_v2":    "openstack:index/bgpvpnPortAssociateV2:BgpvpnPortAssociateV2",
	"openstack_bgpvpn_router_associate_v2":  "openstack:index/bgpvpnRouterAssociateV2:BgpvpnRouterAssociateV2",
	"openstack_lb_flavorprofile_v2":         "openstack:index/lbFlavorprofileV2:LbFlavorprofileV2",
	"openstack_lb_loadbalancer_v2":          "openstack:index/lbLoadbalancerV2:LbLoadbalancerV2",
}

func main() {
	go leaveWithParent(os.Getppid())
	tfbridge.Main("openstack", version, provider(), []byte("{}"))
}

// provider describes the Terraform provider to the bridge the way upstream's SDK expects it.
func provider() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:           shimv2.NewProvider(openstack.Provider()),
		Name:        "openstack",
		Version:     version,
		Config:      map[string]*tfbridge.SchemaInfo{},
		Resources:   map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{},
	}
	for setting, variable := range environment {
		info.Config[setting] = &tfbridge.SchemaInfo{
			Default: &tfbridge.DefaultInfo{EnvVars: []string{variable}},
		}
	}
	names := map[string]string{}
	must(json.Unmarshal(chosen, &names))
	for resource, token := range names {
		info.Resources[resource] = &tfbridge.ResourceInfo{Tok: tokens.Type(token)}
	}
	rename(&info, "openstack_networking_subnet_v2", "allocation_pool", "allocationPools")
	rename(&info, "openstack_orchestration_stack_v1", "outputs", "StackOutputs")
	inferred, err := fallbackstrat.MappedModulesWithInferredFallback(
		&info, "openstack_", "", modules, bridgetokens.MakeStandard("openstack"))
	must(err)
	must(info.ComputeTokens(inferred))
	for resource, first := range legacy {
		current := *info.Resources[resource]
		info.RenameResourceWithAlias(resource, first, current.Tok, "index", current.Tok.Module().Name().String(), &current)
	}
	info.SetAutonaming(255, "-")
	return info
}

// rename gives one field of a resource the name it bears in upstream's SDK.
func rename(info *tfbridge.ProviderInfo, resource, field, name string) {
	info.Resources[resource].Fields = map[string]*tfbridge.SchemaInfo{field: {Name: name}}
}

// leaveWithParent ends the process when the engine that started it is gone, however it went.
func leaveWithParent(parent int) {
	for os.Getppid() == parent {
		time.Sleep(500 * time.Millisecond)
	}
	os.Exit(1)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
